/**
 * Puts a method in place of an object's own, or of its class's; it is made of that one, bound to the object. Returns what takes it
 * away.
 */
export function replaceMethod<Owner extends object, Key extends keyof Owner>(
  object: Owner,
  key: Key,
  make: (inner: Owner[Key]) => Owner[Key],
): () => void {
  const own = Object.getOwnPropertyDescriptor(object, key);
  const method = object[key] as { bind: (self: Owner) => Owner[Key] };
  object[key] = make(method.bind(object));
  return () => {
    if (own) {
      Object.defineProperty(object, key, own);
    } else {
      // The method of the class comes to light again.
      Reflect.deleteProperty(object, key);
    }
  };
}
