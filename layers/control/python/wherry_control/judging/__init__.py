"""The judge: statistics that stay valid however often one looks. Pure, standard library only."""
