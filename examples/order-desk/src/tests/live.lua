local funcs = require("funcs")
local registry = require("registry")
local expect = require("expect")

local function run()
	local snapshot = assert(registry.snapshot())
	local version, err = snapshot
		:changes()
		:create({
			id = "app.tests:made",
			kind = "function.lua",
			meta = { comment = "made while the app runs" },
			data = { source = "return function(a) return a * 2 end", modules = {} },
		})
		:create({ id = "app.tests:note", kind = "registry.entry", meta = { type = "note" }, data = { tags = {}, text = "x" } })
		:apply()
	assert(version, tostring(err))
	expect.equal(funcs.call("app.tests:made", 21), 42)
	expect.equal(#registry.find({ ["meta.type"] = "note" }), 1)
	expect.equal(#registry.find({ ["~meta.comment"] = "^made .* runs$" }), 1)

	assert(registry.apply_version(version:previous()))
	local _, err = funcs.call("app.tests:made", 21)
	expect.kind(err, errors.NOT_FOUND)
end

return { run = run }
