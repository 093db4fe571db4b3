using System.Text;
using Aegis.Core.Artifacts;
using Aegis.Core.Signatures;

namespace Aegis.Core.Tests.Artifacts;

public sealed class FrontMatterTests
{
    private static readonly string[] Awkward =
    [
        "plain", "", "null", "true", "1.0", "1e3", "0x1f", "~", "- a", "a: b", "a:", ":a", "# no", "a #b",
        "\"q\"", "'s'", "back\\slash", "tab\there", "line\nfeed", "\r\n", "ünïcode", "😀",
        "\u0085\u2028\uFEFF",
        "{a}", "[b]", "&c", "*d", "!e", "%f", "@g", "`h`", "2025-11-08T13:42:00Z", "1:30", "yes", "<<", "---",
        ".inf", "0o17", " lead", "trail ", "a,b", "?", "hash_curr: x",
    ];

    [Fact]
    public void Written_IsReadBackTheSame_ForEveryAwkwardText()
    {
        using var key = P256Signature.NewKey();
        foreach (var text in Awkward.Where(ArtifactRules.IsLinkRef))
        {
            var record = Records.Of() with { Links = [new("see", text)], Signer = text };
            AssertSame(ArtifactSeal.Seal(record, [], key));
        }
    }

    [Fact]
    public void Draft_OwnMembers_ComeToTheSameBytes_HoweverTheyWereWritten()
    {
        using var key = P256Signature.NewKey();
        foreach (var text in Awkward)
        {
            var file = $"---\nown: {System.Text.Json.JsonSerializer.Serialize(text)}\n---\n";
            var draft = Draft(file);
            var record = ArtifactSeal.Seal(Records.Of() with { Extra = draft.Extra }, [], key);
            AssertSame(record);
            Assert.Equal(text, System.Text.Json.JsonSerializer.Deserialize<string>(draft.Extra[0].Json));
        }
        const string Block = "---\nb: {x: [1, 2.50, ~], 'y': yes}\na:\n  - k: |\n      one\n      two\n---\n";
        Assert.Equal<ArtifactExtra>(
            [new ArtifactExtra("a", """[{"k": "one\ntwo\n"}]"""),
                new ArtifactExtra("b", """{"x": [1, 2.5, null], "y": "yes"}""")], Draft(Block).Extra);
    }

    [Fact]
    public void Draft_EditedVersion_ComputedMembersArePassedOver()
    {
        using var key = P256Signature.NewKey();
        var older = Records.Sealed(key, "old"u8.ToArray(), 3, ArtifactSeal.Shown(new byte[32]));
        var draft = Draft(Encoding.UTF8.GetString(Records.File(older, "new body\r\n"u8.ToArray())));
        Assert.Equal(("artf_report", "in_progress"), (draft.ArtifactId, draft.Status));
        Assert.Equal<ArtifactLink>(older.Links, draft.Links!.Value);
        Assert.Equal<ArtifactExtra>(older.Extra, draft.Extra);
        Assert.Equal("new body\r\n"u8.ToArray(), draft.Body.ToArray());
    }

    [Theory]
    [InlineData("no front matter at all\n")]
    [InlineData("\n---\na: 1\n---\n")]
    [InlineData("----\n")]
    [InlineData("")]
    public void Draft_WithoutFrontMatter_IsAllBody(string file)
    {
        var draft = Draft(file);
        Assert.Equal(file, Encoding.UTF8.GetString(draft.Body.Span));
        Assert.Empty(draft.Extra);
    }

    [Fact]
    public void Draft_EveryErrorAtOnce_WithItsPlace()
    {
        var read = FrontMatterReader.ReadDraft(Encoding.UTF8.GetBytes("""
            ---
            artifact_id: other
            tenant_id: t-rival
            status: done
            links:
              - type: depends_on
              - { type: "a b", ref: x, more: 1 }
              - text
            bad name: 1
            ---
            """), "report.md", Records.Owner with { ArtifactId = "artf_report" });
        Assert.Null(read.Value);
        Assert.Equal(
        [
            "report.md:2:14 AEGIS1165", "report.md:3:12 AEGIS1165", "report.md:4:9 AEGIS1161",
            "report.md:6:5 AEGIS1163", "report.md:7:13 AEGIS1163", "report.md:7:28 AEGIS1163",
            "report.md:8:5 AEGIS1163", "report.md:9:1 AEGIS1161",
        ], read.Diagnostics.Select(d => $"{d.At.File}:{d.At.Line}:{d.At.Column} {d.Error.Code}"));
    }

    [Theory]
    [InlineData("---\na: 1\n", "AEGIS1160")]
    [InlineData("---\n- a\n---\n", "AEGIS1161")]
    [InlineData("---\na: 1\na: 2\n---\n", "AEGIS1004")]
    [InlineData("---\na: [\n---\n", "AEGIS1003")]
    [InlineData("---\na: !!binary x\n---\n", "AEGIS1006")]
    public void Draft_Broken_IsRefused(string file, string code) =>
        Assert.Equal(code, FrontMatterReader.ReadDraft(Encoding.UTF8.GetBytes(file), "f.md", Records.Owner)
            .Diagnostics[0].Error.Code);

    [Theory]
    [InlineData("links", ArtifactLimits.LinksMax)]
    [InlineData("extra", ArtifactLimits.ExtraMax)]
    [InlineData("ref", ArtifactLimits.LinkRefCharsMax)]
    [InlineData("header", ArtifactLimits.HeaderBytesMax)]
    public void Draft_AtALimit_Fits_AndOnePastItDoesNot(string limit, int max)
    {
        Assert.Empty(Read(max).Diagnostics);
        Assert.Equal(limit == "ref" ? "AEGIS1163" : "AEGIS1166", Read(max + 1).Diagnostics[0].Error.Code);

        FrontMatterResult<ArtifactDraft> Read(int count) => FrontMatterReader.ReadDraft(
            Encoding.UTF8.GetBytes(limit switch
            {
                "links" => "---\nlinks:\n" + string.Concat(
                    Enumerable.Repeat("- { type: a, ref: b }\n", count)) + "---\n",
                "extra" => "---\n" + string.Concat(
                    Enumerable.Range(0, count).Select(n => $"x{n}: 1\n")) + "---\n",
                "ref" => $"---\nlinks:\n- {{ type: a, ref: {new string('r', count)} }}\n---\n",
                _ => $"---\nx: {new string('x', count - 12)}\n---\n",
            }), "f.md", Records.Owner);
    }

    [Fact]
    public void Sealed_MissingMembers_AreAllNamed()
    {
        var read = FrontMatterReader.ReadSealed(
            "---\nversion: 0\nstatus: complete\n---\n"u8.ToArray(), "f.md");
        Assert.Equal(12, read.Diagnostics.Length);
        Assert.Equal(11, read.Diagnostics.Count(d => d.Error.Code == "AEGIS1162"));
        Assert.Equal("AEGIS1160",
            FrontMatterReader.ReadSealed("text"u8.ToArray(), "f.md").Diagnostics[0].Error.Code);
    }

    [Theory]
    [InlineData("version: 1", "version: 01")]
    [InlineData("signer: key:agent-42", "signer: \"key:agent-42\"")]
    [InlineData("---\nartifact_id", "---\n# a comment\nartifact_id")]
    [InlineData("reviewed: true", "reviewed: True")]
    [InlineData("\n---\n", "\n---\r\n")]
    public void Sealed_SaidInAnotherWay_IsNotCanonical(string canonical, string other)
    {
        using var key = P256Signature.NewKey();
        var file = Encoding.UTF8.GetString(Records.File(Records.Sealed(key, []), []));
        var read = FrontMatterReader.ReadSealed(
            Encoding.UTF8.GetBytes(file.Replace(canonical, other, StringComparison.Ordinal)), "f.md");
        Assert.Equal("AEGIS1164", read.Diagnostics.Single().Error.Code);
    }

    [Theory]
    [InlineData("a/b.md", true)]
    [InlineData("/a", false)]
    [InlineData("a/../b", false)]
    [InlineData("a//b", false)]
    [InlineData("a\nb", false)]
    public void Path_IsBelowItsRoot(string path, bool isPath) =>
        Assert.Equal(isPath, ArtifactRules.IsPath(path));

    [Fact]
    public void Path_AtItsLimit_AndIdOfPath()
    {
        Assert.True(ArtifactRules.IsPath(new string('p', ArtifactLimits.PathCharsMax)));
        Assert.False(ArtifactRules.IsPath(new string('p', ArtifactLimits.PathCharsMax + 1)));
        var type = "a/" + new string('t', ArtifactLimits.MediaTypeCharsMax - 2);
        Assert.True(ArtifactRules.IsMediaType(type));
        Assert.False(ArtifactRules.IsMediaType(type + "t"));
        Assert.Equal("artf_32exdrmyh0hsfvtz8jb13ktnrg".Length, ArtifactRules.IdOf("report.md").Length);
        Assert.Equal(ArtifactRules.IdOf("report.md"), ArtifactRules.IdOf("report.md"));
        Assert.NotEqual(ArtifactRules.IdOf("report.md"), ArtifactRules.IdOf("Report.md"));
        Assert.True(IdRule.IsValid(ArtifactRules.IdOf("ü")));
    }

    private static void AssertSame(ArtifactRecord record)
    {
        var file = Records.File(record, "body"u8.ToArray());
        var read = FrontMatterReader.ReadSealed(file, "f.md");
        Assert.Empty(read.Diagnostics);
        Assert.Equal(file, Records.File(read.Value!.Record, read.Value.Body.ToArray()));
        Assert.Equal<ArtifactLink>(record.Links, read.Value.Record.Links);
        Assert.Equal<ArtifactExtra>(record.Extra, read.Value.Record.Extra);
        Assert.Equal(record.Signer, read.Value.Record.Signer);
    }

    private static ArtifactDraft Draft(string file)
    {
        var read = FrontMatterReader.ReadDraft(Encoding.UTF8.GetBytes(file), "f.md", Records.Owner);
        Assert.Empty(read.Diagnostics);
        return read.Value!;
    }
}
