"""One job, or many, on several processes of this machine: workers on a leash, run again where one dies or hangs, within the memory there is."""
