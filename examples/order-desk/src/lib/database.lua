local sql = require("sql")

local M = {}

function M.open()
	local db, err = sql.get("app:db")
	if err then
		return nil, err
	end
	local _, err = db:execute([[
		CREATE TABLE IF NOT EXISTS orders (
			number TEXT PRIMARY KEY, customer TEXT NOT NULL, total INTEGER NOT NULL, state TEXT NOT NULL, note TEXT
		);
		CREATE TABLE IF NOT EXISTS items (number TEXT REFERENCES orders, name TEXT, count INTEGER);
	]])
	if err then
		return nil, err
	end
	return db
end

return M
