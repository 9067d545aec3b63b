"""Join the parts into tasks: scan, build, check, export, demo. One module each; none knows how it is shown."""
