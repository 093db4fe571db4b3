using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Aegis.Tests.Shared;

/// <summary>An authority made for one test, and a server's certificate of it.</summary>
public static class TestCertificates
{
    public static (X509Certificate2 Authority, X509Certificate2 Server) For(string name)
    {
        var (from, to) = (DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(75));
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var root = new CertificateRequest("CN=test authority", rootKey, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        root.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(root.PublicKey, false));
        var authority = root.CreateSelfSigned(from, to);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var leaf = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        leaf.CertificateExtensions.Add(names.Build());
        using var signed = leaf.Create(authority, from, to, [1, 2, 3, 4]);
        using var withKey = signed.CopyWithPrivateKey(key);
        return (authority, X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), null));
    }
}
