local funcs = require("funcs")
local registry = require("registry")
local env = require("env")
local queue = require("queue")
local events = require("events")
local logger = require("logger")
local time = require("time")
local sql = require("sql")
local types = require("types")
local database = require("database")

local log = logger:named("orders")

type Order = types.Order

local function priced(items: {types.Item}): (integer?, error?)
	local entries, err = registry.find({ [".kind"] = "registry.entry", ["meta.type"] = "prices", ["meta.tags"] = { "tea" } })
	if err then
		return nil, err
	end
	local prices = entries[1].data
	local total = 0
	for _, item in ipairs(items) do
		local price = prices[item.name]
		if price == nil then
			return nil, errors.new({ message = "not sold here: " .. item.name, kind = errors.NOT_FOUND, details = { item = item.name } })
		end
		total = total + price * item.count
	end
	return total
end

local function save(order: Order): error?
	local db, err = database.open()
	if err then
		return err
	end
	local tx, err = db:begin()
	if err then
		return err
	end
	local _, err = tx:execute(
		"INSERT INTO orders (number, customer, total, state, note) VALUES (?, ?, ?, ?, ?)",
		{ order.number, order.customer, order.total, order.state, sql.NULL }
	)
	if err then
		tx:rollback()
		return err
	end
	local insert, err = tx:prepare("INSERT INTO items VALUES (:number, :name, :count)")
	for _, item in ipairs(order.items) do
		insert:execute({ number = order.number, name = item.name, count = item.count })
	end
	insert:close()
	local _, err = tx:commit()
	db:release()
	return err
end

local function place(input)
	input.state = "new"
	local order, err = types.Order:is(input)
	if err then
		return nil, errors.wrap(err, "no order")
	end
	local most = tonumber(env.get("ORDER_MAX_ITEMS"))
	if #order.items > most then
		return nil, errors.new({ message = "too many items", kind = errors.INVALID, details = { most = most } })
	end

	local total, err = priced(order.items)
	if err then
		return nil, err
	end
	order.total = total
	order.number = assert(funcs.call("shop.numbering:next", "orders"))
	assert(Order:is(order))

	local err = save(order)
	if err then
		return nil, err
	end

	log:debug("placed", { number = order.number, at = time.now():format(time.RFC3339) })
	assert(events.send("orders", "order.placed", "/orders/" .. order.number, { number = order.number, total = total }))
	assert(queue.publish("app:placed", { number = order.number, total = total }, { customer = order.customer }))
	return { number = order.number, total = total, currency = env.get("ORDER_CURRENCY") }
end

return { place = place }
