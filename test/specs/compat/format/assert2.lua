local M = {}
export type Check = { message: string?, [string]: any }

function M.eq<T>(actual: T, expected: T, message: string?): boolean
  if actual ~= expected then
    error((message or "not equal") .. ": expected " .. tostring(expected) .. ", got " .. tostring(actual), 2)
  end
  return true
end

function M.ok(value: any, message: string?): asserts value is true
  if not value then error(message or "not true", 2) end
end

return M
