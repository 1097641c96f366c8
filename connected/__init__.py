"""Connected: the project, and the words every app shares."""
