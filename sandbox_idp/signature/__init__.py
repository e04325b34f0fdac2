"""Electronic signatures: the stand's own certificate authority, the files it hands out, and what it checks of a file.

`authority` (key, certificate, revocation list), `issuing` (training files, also faulty ones), `pkcs12` (opening a file
that comes from anywhere), `trust` (whose certificate it is, and whether it may be believed).
"""
