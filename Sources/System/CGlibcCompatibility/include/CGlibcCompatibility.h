// Nothing to call: the object file is what counts. See compatibility.c.
