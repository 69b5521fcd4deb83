-- What version 7 added: somebody whose provider takes no more for now, what it took, and how fast a relay was.
UPDATE delivery_recipient SET waits_for = 'gmail' WHERE state = 'deferred';
INSERT INTO domain_usage (name, minute, recipients) VALUES ('gmail', 2, 20);
UPDATE relay SET pace = 12000 WHERE name = 'out';
