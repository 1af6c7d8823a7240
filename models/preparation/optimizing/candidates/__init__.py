"""What may make a model faster or smaller: one module a way, each says where it makes no sense."""
