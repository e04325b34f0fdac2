"""«Уведомления»: what the patient was told, in the portal always, and by mail and SMS where that is wanted (R-039)."""
