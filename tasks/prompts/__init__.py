"""How an executed function is phrased: templates are data, truth is checked."""
