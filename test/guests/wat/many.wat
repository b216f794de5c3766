;; Names that are hard on YAML, JavaScript and WIT, and an export of each sort.
(module $many
  (memory (export "memory") 1 2)
  (table (export "table") 1 funcref)
  (global (export "limit") i32 (i32.const 9))
  (func (export "transform_users") (result i32) (i32.const 1))
  (func (export "kebab-case") (result i32) (i32.const 2))
  (func (export "camelCase") (result i32) (i32.const 3))
  (func (export "constructor") (result i32) (i32.const 4))
  (func (export "__proto__") (result i32) (i32.const 5))
  (func (export "") (result i32) (i32.const 6))
  (func (export "ns:pkg/iface@1.0.0#run") (result i32) (i32.const 7))
  (func (export "caf\c3\a9") (result i32) (i32.const 8)))
