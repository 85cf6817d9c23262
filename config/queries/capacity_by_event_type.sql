-- The same by type of event. Rows with a label are the card's breakdown, and their sum is its value.
SELECT event_type AS label, SUM(yearly_capacity) AS value
FROM `inventory.listings`
WHERE status = 'active'
GROUP BY event_type
ORDER BY value DESC
