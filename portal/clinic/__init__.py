"""The portal's door to the medical system of the clinics it serves: values, errors, the interface, and `NoClinic`.

A leaf: it knows no table, no page and no program. An implementation for a real clinic over HTTP, and the one that a
training stand hands in, answer with the same values and raise the same errors.
"""
