"""The page in the browser, which only this machine can reach.

A face like `cli`: a page reads a form, calls one function of `workflow`, and shows the answer. It has no rule, number
or sentence of its own. Plain forms and links work without scripts; `static/page.js` makes them quicker.

server       starts or finds the running server, opens the browser
guard        who may ask: host, origin, cookie, headers, sizes
application  the routes of all pages as one ASGI application
patience     what is shown while a page is slow to come
place        what all pages share: the library's thread, jobs, notices
jobs         what lasts longer than a second: scan, build, render
call         one request, as a page's handler sees it
sound        audio as answers, its ranges bounded
pages/       one module for each subject, with its routes; templates/ and static/ are what they show
"""
