local M = {}

function M.equal(actual: any, expected: any, what: string?)
	if actual ~= expected then
		error(string.format("%s: expected %s, got %s", what or "value", tostring(expected), tostring(actual)), 2)
	end
end

function M.kind(err: error?, kind: string)
	if err == nil then
		error("expected an error of kind " .. kind, 2)
	end
	M.equal(err:kind(), kind, tostring(err))
end

return M
