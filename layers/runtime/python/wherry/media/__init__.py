"""Images: from the file that a person has to the tensor that a model takes."""
