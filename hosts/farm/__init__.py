"""A job folder as a job template of Open Job Description, for AWS Deadline Cloud and other render farms, and for `openjd run` on one machine."""
