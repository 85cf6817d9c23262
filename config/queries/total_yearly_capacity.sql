-- Bookings a year that the active listings can take. Put your own tables here: the card shows the column value.
SELECT SUM(yearly_capacity) AS value
FROM `inventory.listings`
WHERE status = 'active'
