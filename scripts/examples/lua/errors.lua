--- Structured errors: every fallible call gives one as its second result.
--- - `errors.new(text)` or `errors.new{message, kind, retryable, details}` makes one; `errors.wrap(err, context)` puts a text in front and keeps the rest.
--- - `errors.is(value, kind)` asks for its kind; `errors.call_stack(err)` gives `{thread, frames}`.
--- - Kinds: `errors.NOT_FOUND`, `errors.INVALID` and the others above.
--- - Error: `:kind()`, `:message()`, `:retryable()` (nil when unknown), `:details()`, `:stack()`; `tostring` gives the message.

return function()
  local err = errors.new({ message = "no seats", kind = errors.CONFLICT, details = { left = 0 } })
  local wrapped = errors.wrap(err, "booking")
  return { tostring(wrapped), wrapped:kind(), wrapped:details().left, errors.is(wrapped, errors.CONFLICT) }
end
--> ["booking: no seats", "Conflict", 0, true]
