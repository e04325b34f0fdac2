"""The portal's doors to the outside. Each is a small interface with a real implementation; `create_app` is given them.

A stand of the sandbox hands in the same implementations with other settings. Nothing else of the portal knows that.
"""
