// A browser's arithmetic has no settings.
