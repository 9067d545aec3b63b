"""From files of audio to features: which are new, who listens to them, and what came of it.

Takes folders and files. Gives tracks with `Features` in a library, one by one, so that a scan may be stopped at any time.

    wanted            which tracks each file holds
    worker_processes  listening in processes that may crash or hang
    cluster           listening on the workers of a Dask cluster
    listeners         one of these two
    report            the result, and its summary
    run               a running scan: what is new, what is stored
    scan              folders to tracks in the library
    analyze           one file or samples to features, without a library
"""
