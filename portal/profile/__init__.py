"""«Профиль»: what is known of the patient, policies, sessions and their history, export and deletion of own data."""
