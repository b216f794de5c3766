--- Databases of `db.sql.*` entries.
--- - `sql.get(id)` opens one: `:query(sql, params?)` gives a list of rows, `:execute(sql, params?)` gives `{rows_affected, last_insert_id}`, `:prepare(sql)` a statement, `:begin(options?)` a transaction, `:type()`, `:stats()`, `:release()`. Without parameters `:execute` takes a script.
--- - Parameters are a list for `?`, or a table of names for `:name`. `sql.NULL`, `sql.as.int(v)`, `sql.as.float(v)`, `sql.as.text(v)`, `sql.as.binary(v)`, `sql.as.null()` say a type. NULL in a row is nil.
--- - `:begin{isolation = sql.isolation.X, read_only = true}`: every level is kept, since SQLite has only the strictest.
--- - Transaction: the same three, and `:commit()`, `:rollback()`, `:savepoint(name)`, `:rollback_to(name)`, `:release(name)`, `:db_type()`. One that is not ended when its program ends is rolled back.
--- - Statement: `:query(params?)`, `:execute(params?)`, `:close()`.

local sql = require("sql")

return function()
  local db = sql.get("docs:db")
  db:execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
  local tx = db:begin()
  tx:execute("INSERT INTO users (name) VALUES (?), (?)", { "ada", "bob" })
  tx:commit()
  local _, err = db:execute("INSERT INTO users (name) VALUES (:name)", { name = "ada" })
  return { db:query("SELECT id, name FROM users WHERE id > ?", { 1 }), err:kind() }
end
--> [[{"id": 2, "name": "bob"}], "Conflict"]
