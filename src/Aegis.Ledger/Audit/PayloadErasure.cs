using Aegis.Core;
using Aegis.Core.Audit;
using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Audit;

/// <summary>Erases an event's payload and salt; their hash stays, so the chain still verifies. The caller
/// appends the returned record as a PayloadErased to a stream of the same project: until then the audit names
/// the gap. After a crash in between, erasing again returns the same record. Bytes in Blobs are deleted by
/// the caller.</summary>
public sealed class PayloadErasure(LedgerDatabase database, TenantDirectory tenants)
{
    public const string EventType = LedgerAuditor.ErasureType;

    public async Task<PayloadErasedRecord> EraseAsync(Tenancy tenancy, string stream, int version,
        string actor,
        CancellationToken cancel)
    {
        var keys = await tenants.ResolveAsync(tenancy, cancel)
            ?? throw AccountErrors.Unknown("project", tenancy.ToString());
        await using var command = database.Source(LedgerRole.Engine).CreateCommand(Sql.Get("erasure.erase"));
        foreach (var value in (object[])[keys.Tenant, keys.Project, stream, version])
        {
            command.Parameters.Add(new() { Value = value });
        }
        return await command.ExecuteScalarAsync(cancel) is byte[] hash
            ? new PayloadErasedRecord(stream, version, Convert.ToHexStringLower(hash), actor)
            : throw AuditErrors.NothingToErase(stream, version);
    }
}
