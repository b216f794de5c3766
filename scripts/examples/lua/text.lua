--- Regular expressions (RE2), differences between texts, and pieces of texts.
--- - `text.regexp.compile(pattern)`: `:match_string(s)`, `:find_string(s)`, `:find_string_index(s)`, `:find_string_submatch(s)`, `:find_all_string(s, n?)`, `:find_all_string_index(s, n?)`, `:find_all_string_submatch(s, n?)`, `:replace_all_string(s, replacement)` with `$1`, `:replace_all_literal_string(s, replacement)`, `:split(s, n?)`, `:num_subexp()`, `:subexp_names()`, `:string()`.
--- - `text.diff.new()`: `:compare(a, b)` gives `{operation, text}` by lines, `:summarize(a, b)`, `:pretty_text(a, b)`, `:pretty_html(a, b)`, `:patch_make(a, b)` and `:patch_apply(patches, text)`, which gives the text and whether all found their place.
--- - `text.splitter.recursive(options)`, `text.splitter.markdown(options)` with `chunk_size`, `chunk_overlap`, `separators`: `:split_text(s)`, `:split_batch(list)`.

local text = require("text")

return function()
  local date = text.regexp.compile("(\\d+)-(\\d+)")
  local differ = text.diff.new()
  local patches = differ:patch_make("a\nb\n", "a\nc\n")
  return { date:replace_all_string("on 24-12", "$2/$1"), (differ:patch_apply(patches, "a\nb\n")) }
end
--> ["on 12/24", "a\nc\n"]
