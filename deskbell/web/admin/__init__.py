"""Settings: who works here, in which departments, under which addresses.  Only for who may administer."""
