using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Aegis.Core.Errors;

namespace Aegis.Sandbox.Egress;

/// <summary>Whom the proxy trusts where it speaks TLS itself.</summary>
public static class TrustedRoots
{
    /// <summary>The system's authorities and those of a file of PEM; null, for the system's alone, without
    /// one. AEGIS3115 where the file holds none.</summary>
    public static X509Certificate2Collection? WithFile(string? path)
    {
        if (path is null)
        {
            return null;
        }
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw NoCertificates(path, e.GetType().Name);
        }
        if (roots.Count == 0)
        {
            throw NoCertificates(path, "a file without any");
        }
        using var system = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        roots.AddRange(system.Certificates);
        return roots;
    }

    private static AegisException NoCertificates(string path, string got) => new(new AegisError("AEGIS3115",
        $"AEGIS_EGRESS_CA_FILE, {path}, holds no certificates", "a readable file of PEM certificates", got,
        "name another file, or leave the variable out"));
}
