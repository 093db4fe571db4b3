using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Aegis.Sandbox.Egress;

/// <summary>A certificate authority that lives as long as one command, for the hosts of bound secrets alone:
/// its key stands in this process's memory and nowhere else.</summary>
internal sealed class CommandAuthority : IDisposable
{
    /// <summary>Certificates kept at once; one more begins anew.</summary>
    public const int LeavesMax = 64;

    /// <summary>Where the certificate stands inside, after those of the system.</summary>
    public const string InsidePath = "/run/egress-ca.pem";

    private const string SystemBundle = "/etc/ssl/certs/ca-certificates.crt";
    private static readonly TimeSpan Before = TimeSpan.FromHours(1);
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);
    private readonly ConcurrentDictionary<string, SslStreamCertificateContext> leaves = new();
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 authority;
    private readonly TimeProvider time;

    public CommandAuthority(TimeProvider time)
    {
        this.time = time;
        var request = new CertificateRequest("CN=Aegis Forge egress of one command", key,
            HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        authority = request.CreateSelfSigned(time.GetUtcNow() - Before, time.GetUtcNow() + Lifetime);
    }

    /// <summary>How programs are told whom to trust; most take one file for all.</summary>
    public static IReadOnlyList<string> Variables { get; } =
    [
        "SSL_CERT_FILE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "REQUESTS_CA_BUNDLE", "PIP_CERT",
        "NODE_EXTRA_CA_CERTS", "CARGO_HTTP_CAINFO",
    ];

    /// <summary>The authorities of the system and this one, as a file of PEM.</summary>
    public byte[] Bundle()
    {
        var system = File.Exists(SystemBundle) ? File.ReadAllText(SystemBundle) : "";
        return Encoding.ASCII.GetBytes($"{system}\n{authority.ExportCertificatePem()}\n");
    }

    public SslStreamCertificateContext For(string host)
    {
        if (leaves.Count >= LeavesMax && !leaves.ContainsKey(host))
        {
            leaves.Clear();
        }
        return leaves.GetOrAdd(host, Make);
    }

    public void Dispose()
    {
        key.Dispose();
        authority.Dispose();
    }

    private SslStreamCertificateContext Make(string host)
    {
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=egress", leafKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (System.Net.IPAddress.TryParse(host, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host);
        }
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        // 01 first: a serial number is positive
        using var signed = request.Create(authority, authority.NotBefore, authority.NotAfter,
            [1, .. RandomNumberGenerator.GetBytes(15)]);
        var leaf = signed.CopyWithPrivateKey(leafKey);
        return SslStreamCertificateContext.Create(leaf, [authority], offline: true);
    }
}
