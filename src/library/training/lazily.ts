/** An object some of whose properties are made when they are first looked at. They are listed and stored like others. */
export function lazily<Known extends object, Late extends object>(
  known: Known,
  late: { readonly [Key in keyof Late]: () => Late[Key] },
): Known & Late {
  for (const key of Object.keys(late) as (keyof Late)[]) {
    Object.defineProperty(known, key, {
      enumerable: true,
      configurable: true,
      get: () => {
        const value = late[key]();
        Object.defineProperty(known, key, { value, enumerable: true });
        return value;
      },
    });
  }
  return known as Known & Late;
}
