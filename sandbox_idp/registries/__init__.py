"""The state's registries as Gosuslugi asks them: passports, SNILS, the insured. They answer later, and not always."""
