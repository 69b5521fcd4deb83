-- Several relays as one pool. A domain may take only so much ([[domain]] of the configuration): whom that keeps from his copy
-- waits in a row that is not due, under the name of the limit, until there is room. The index of what is due leaves these rows
-- out, so that a hundred thousand of them hold up nobody else.
ALTER TABLE delivery_recipient ADD COLUMN waits_for TEXT NOT NULL DEFAULT '';
DROP INDEX delivery_recipient_due;
CREATE INDEX delivery_recipient_due ON delivery_recipient (priority, next_attempt_at) WHERE state = 'deferred' AND waits_for = '';
CREATE INDEX delivery_recipient_limited ON delivery_recipient (waits_for, priority, delivery_id, member_id)
    WHERE state = 'deferred' AND waits_for <> '';

-- What all relays together were asked to take for such domains, by minute, as relay_usage is of a relay.
CREATE TABLE domain_usage (
    name       TEXT NOT NULL,              -- of the [[domain]] section
    minute     INTEGER NOT NULL,           -- Unix seconds / 60
    recipients INTEGER NOT NULL,
    PRIMARY KEY (name, minute)
) STRICT, WITHOUT ROWID;

-- How fast it takes mail when there is enough of it, as last observed: recipients in 1,000 seconds; 0: not known. For forecasts.
ALTER TABLE relay ADD COLUMN pace INTEGER NOT NULL DEFAULT 0;
