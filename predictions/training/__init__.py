"""From a CSV file to artifacts. Needs the `train` extra; nothing here is imported when serving."""
