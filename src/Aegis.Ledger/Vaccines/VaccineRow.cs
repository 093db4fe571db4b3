using Aegis.Core.Vaccines;
using Npgsql;

namespace Aegis.Ledger.Vaccines;

/// <summary>A vaccine as it stands in the ledger.</summary>
/// <param name="LastCall">The call that minted it last.</param>
public sealed record VaccineRow(Vaccine Vaccine, string? LastCall)
{
    internal static VaccineRow Read(NpgsqlDataReader r)
    {
        var check = Text(r, 8) is { } json ? CheckJson.Read(json).Check : null;
        return new VaccineRow(new Vaccine(r.GetString(0), VaccineWords.Read<VaccineScope>(r.GetString(1)),
            r.GetString(3), r.GetString(4), VaccineWords.Read<VaccineSeverity>(r.GetString(5)),
            r.GetString(6), r.GetFieldValue<DateTimeOffset>(13), Text(r, 7), check,
            new VaccineCounts(r.GetInt64(9), r.GetInt64(10), r.GetInt64(11), r.GetInt64(12)),
            VaccineWords.Read<VaccineStatus>(r.GetString(2)), r.GetFieldValue<DateTimeOffset>(15))
        {
            HelpedAt = r.GetFieldValue<DateTimeOffset>(14),
            RevokedBy = Text(r, 16),
            RevokeReason = Text(r, 17),
        }, Text(r, 18));
    }

    private static string? Text(NpgsqlDataReader r, int column) =>
        r.IsDBNull(column) ? null : r.GetString(column);
}
