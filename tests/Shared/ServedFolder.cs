using System.Collections.Immutable;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Aegis.Core.Deployments;
using Aegis.Gate;
using Aegis.Gate.Deployments;

namespace Aegis.Tests.Shared;

/// <summary>Deploys a folder with one page: a real deployment that needs no program.</summary>
public static class ServedFolder
{
    public static async Task<ServedRelease> DeployAsync(
        IDeployments deployments, Principal by, string name, string page)
    {
        var archive = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(archive, await TarOfAsync(page));
            var tree = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(archive)));
            var none = ImmutableSortedDictionary<string, string>.Empty;
            var service = new ServiceSpec("site", "/", ".", [], "PORT", "/", none, none,
                DeploymentLimits.MemoryMbMax, null, false);
            return await deployments.DeployAsync(
                new DeployOrder(by, name, $"run_served.{name}.1",
                    new ReleaseSpec(tree, [service], DeploymentLimits.StartSecondsMax, 0, []), archive,
                    DeploymentLimits.KeptMax), _ => { }, CancellationToken.None);
        }
        finally
        {
            File.Delete(archive);
        }
    }

    private static async Task<byte[]> TarOfAsync(string page)
    {
        using var bytes = new MemoryStream();
        await using (var tar = new TarWriter(bytes, leaveOpen: true))
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "index.html")
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(page)),
                Mode = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            });
        }
        return bytes.ToArray();
    }
}
