"""Templates: found by name or path, shown as a form, changed, and kept beside the shipped ones.

Takes names, paths and the fields of a form. Gives `Template`s, and texts that keep the comments of whoever wrote them.

    finding  shipped templates by name, any other by path
    own      the therapist's own, in one folder
    tree     a template's text as a tree that keeps its comments
    form     a template as a form, with what is wrong beside each field
    edit     changed fields of the form, back into the text
    parts    phases and variants added, removed and moved
"""
