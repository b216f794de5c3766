local funcs = require("funcs")
local errors = require("errors")

type Fraction = { num: integer, den: integer }

local function reduce(fraction: Fraction): Fraction
  if fraction.den == 0 then
    return nil, errors.new({ kind = errors.INVALID, message = "a fraction needs a denominator other than 0" })
  end
  local divisor, err = funcs.call("math:gcd", fraction.num, fraction.den)
  if err then
    return nil, err
  end
  return { num = fraction.num // divisor, den = fraction.den // divisor }
end

return { reduce = reduce }
