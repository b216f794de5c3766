local database = require("database")

local function find(number: string)
	local db, err = database.open()
	if err then return nil, err end
	local rows, err = db:query("SELECT customer, total, state, note FROM orders WHERE number = ?", { number })
	if err then return nil, err end
	if #rows == 0 then
		return nil, errors.new({ message = "no order " .. number, kind = errors.NOT_FOUND, retryable = false })
	end
	local order = rows[1]
	order.items = db:query("SELECT name, count FROM items WHERE number = ? ORDER BY rowid", { number })
	return order
end

return { find = find }
