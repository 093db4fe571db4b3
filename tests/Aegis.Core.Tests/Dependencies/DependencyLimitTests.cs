using Aegis.Core.Dependencies;
using Aegis.Core.Findings.Dependencies;

namespace Aegis.Core.Tests.Dependencies;

/// <summary>Limits of what is read of manifests, at their most and one past it.</summary>
public sealed class DependencyLimitTests
{
    [Theory]
    [InlineData(ManifestReader.NamesMax, ManifestReader.NamesMax)]
    [InlineData(ManifestReader.NamesMax + 1, ManifestReader.NamesMax)]
    public void Manifest_NamesUpToTheLimit(int lines, int read) =>
        Assert.Equal(read, ManifestReader.Read("requirements.txt", Requirements(lines)).Length);

    [Theory]
    [InlineData(DependencyReader.PackagesMax, DependencyReader.PackagesMax)]
    [InlineData(DependencyReader.PackagesMax + 1, DependencyReader.PackagesMax)]
    public void Tree_PackagesUpToTheLimit(int lines, int read)
    {
        var reader = new DependencyReader();
        reader.Read("requirements.txt", Requirements(lines));
        Assert.Equal(read, reader.Tree.Asked.Length);
    }

    [Fact]
    public void PackageName_UpToTheLimit()
    {
        Assert.True(PackageName.IsValid(new string('a', PackageName.LengthMax)));
        Assert.False(PackageName.IsValid(new string('a', PackageName.LengthMax + 1)));
    }

    [Theory]
    [InlineData("1.2.3.4.5.6", 6)]
    [InlineData("1.2.3.4.5.6.7", 6)]
    public void Version_PartsUpToTheLimit(string text, int parts) =>
        Assert.Equal(parts, VersionNumber.Read(text, out _)!.Value.Parts.Length);

    private static string Requirements(int lines) =>
        string.Concat(Enumerable.Range(0, lines).Select(i => $"p{i}==1\n"));
}
