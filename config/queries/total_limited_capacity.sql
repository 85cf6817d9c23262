-- Capacity of listings that take bookings on some days only. The card is blocked until this table is in the warehouse.
SELECT SUM(yearly_capacity) AS value
FROM `inventory.limited_listings`
WHERE status = 'active'
