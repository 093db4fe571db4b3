namespace Aegis.Ledger;

/// <summary>Looks at what is stored under the lock of the write that follows, and throws to refuse the write.
/// Nobody changes it between the look and the write.</summary>
/// <param name="stored">Null where nothing is there.</param>
public delegate void StoredCheck<in T>(T? stored)
    where T : class;
