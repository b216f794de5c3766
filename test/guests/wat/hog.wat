;; Asks for 100 pages (6.4 MB) before it runs at all.
(module $hog
  (memory (export "memory") 100)
  (func (export "size") (result i32) (memory.size)))
