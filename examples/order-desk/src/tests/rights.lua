local funcs = require("funcs")
local security = require("security")
local expect = require("expect")

local function run()
	local scope = assert(security.named_scope("app:clerks"))
	local clerk = security.new_actor("kim", { role = "clerk" })
	local manager = security.new_actor("lee", { role = "manager" })

	local desk = funcs.new():with_scope(scope)
	local _, err = desk:with_actor(clerk):call("app.orders:desk", "ORD-0001")
	expect.kind(err, errors.PERMISSION_DENIED)
	local done, err = desk:with_actor(manager):call("app.orders:desk", "ORD-0001")
	expect.equal(done, "cancelled ORD-0001", tostring(err))
	expect.equal(scope:evaluate(clerk, "funcs.call", "app.orders:cancel"), "deny")
	expect.equal(scope:evaluate(manager, "fs.get", "app:receipts"), "undefined")
end

return { run = run }
