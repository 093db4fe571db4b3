using System.Globalization;
using Aegis.Core;
using Aegis.Server.Auth;

namespace Aegis.Server.Artifacts;

/// <summary>What a download link gives away.</summary>
public sealed record DownloadClaim(Tenancy Tenancy, string ArtifactId, int Version, DateTimeOffset Expires);

/// <summary>Links that need no key: tenant, project, artifact, version and end of life, signed. The key comes
/// from the master key, so a link outlives the process, and ends with that key; nothing is stored.</summary>
public sealed class DownloadLinks(Func<byte[]> key, TimeProvider time)
{
    private static readonly TimeSpan AlmostASecond = TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1);

    /// <summary>A link that lives at least as long as the claim says: its end is told in whole
    /// seconds.</summary>
    public string Make(DownloadClaim claim)
    {
        using var signed = new SignedText(key());
        return signed.Seal(string.Join('\n', claim.Tenancy.Tenant,
        claim.Tenancy.Project, claim.ArtifactId, claim.Version.ToString(CultureInfo.InvariantCulture),
        (claim.Expires + AlmostASecond).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Null for anything but a link of ours that still lives.</summary>
    public DownloadClaim? Read(string token)
    {
        using var signed = new SignedText(key());
        if (token.Length > DoorLimits.LinkTokenCharsMax || signed.Open(token) is not { } text)
        {
            return null;
        }
        var fields = text.Split('\n');
        var expires = DateTimeOffset.FromUnixTimeSeconds(long.Parse(fields[4], CultureInfo.InvariantCulture));
        return expires > time.GetUtcNow()
            ? new DownloadClaim(new Tenancy(fields[0], fields[1]), fields[2],
                int.Parse(fields[3], CultureInfo.InvariantCulture), expires)
            : null;
    }
}
