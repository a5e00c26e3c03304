"""Maximum likelihood of continuous variables: fitting, standard errors, robust tests, indices."""
