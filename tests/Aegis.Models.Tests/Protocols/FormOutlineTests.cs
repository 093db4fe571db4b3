using System.Text;
using Aegis.Core.Errors;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;

namespace Aegis.Models.Tests.Protocols;

/// <summary>Forms with a sound file.</summary>
public sealed class FormOutlineTests
{
    private const string Boundary = "--x7";
    private static readonly byte[] Sound =
        [.. Enumerable.Range(0, 1000).Select(i => (byte)i), .. "\r\n--x7"u8];

    [Fact]
    public async Task With_AnotherModel_ChangesItAlone()
    {
        using var form = new MultipartFormDataContent(Boundary)
        {
            { new ByteArrayContent(Sound), "file", "a.wav" },
            { new StringContent("whisper-old"), "model" },
            { new StringContent("verbose_json"), "response_format" },
        };
        var body = await form.ReadAsByteArrayAsync();
        var outline = FormOutline.Read(body, Boundary);
        Assert.Equal(("whisper-old", (long)Sound.Length, "verbose_json", false),
            (outline.Model, outline.FileBytes, outline.ResponseFormat, outline.Stream));
        var changed = outline.With(body, "new");
        Assert.Equal("new", FormOutline.Read(changed, Boundary).Model);
        Assert.Equal(body, FormOutline.Read(changed, Boundary).With(changed, "whisper-old"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("----x7\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n----x7--")]
    [InlineData("----x7\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nm\r\n----x7--")]
    [InlineData("----x7\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nm")]
    [InlineData("----x7\r\nContent-Disposition: form-data")]
    [InlineData("----x7")]
    [InlineData("----x7\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n"
        + "----x7\r\nContent-Disposition: form-data; name=model\r\n\r\nn\r\n----x7--")]
    public void Read_Malformed_IsRefused(string body) =>
        Refused("AEGIS2386", Encoding.UTF8.GetBytes(body));

    [Theory]
    [InlineData(62)]
    [InlineData(63)]
    public void Read_PartsAtTheLimitHold_OnePastIsRefused(int others)
    {
        var body = Encoding.UTF8.GetBytes(Part("model", "m") + Part("file", "f")
            + string.Concat(Enumerable.Repeat(Part("x", "y"), others)) + "----x7--");
        if (others + 2 <= 64)
        {
            Assert.Equal("m", FormOutline.Read(body, Boundary).Model);
            return;
        }
        Refused("AEGIS2388", body);

        static string Part(string name, string value) =>
            $"----x7\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n";
    }

    [Fact]
    public void Read_BytesAtTheLimitHold_OnePastIsRefused()
    {
        const string Frame = "----x7\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n"
            + "----x7\r\nContent-Disposition: form-data; name=file\r\n\r\n@\r\n----x7--";
        var most = ProtocolLimits.FormBytesMax - Frame.Length + 1;
        Assert.Equal(most, FormOutline.Read(Of(most), Boundary).FileBytes);
        Assert.Equal("AEGIS2388",
            Assert.Throws<AegisException>(() => FormOutline.Read(Of(most + 1), Boundary)).Error.Code);

        static byte[] Of(int sound) => Encoding.UTF8.GetBytes(Frame.Replace("@", new string('a', sound)));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Read_HeadersOfAPartAtTheLimitHold_OnePastIsRefused(int more, bool isRead)
    {
        const string Head = "Content-Disposition: form-data; name=model\r\nX: ";
        var head = Head + new string('a', (8 * 1024) - 4 - 2 - Head.Length + more);
        var body = Encoding.UTF8.GetBytes($"----x7\r\n{head}\r\n\r\nm\r\n"
            + "----x7\r\nContent-Disposition: form-data; name=file\r\n\r\nf\r\n----x7--");
        if (isRead)
        {
            Assert.Equal("m", FormOutline.Read(body, Boundary).Model);
            return;
        }
        Refused("AEGIS2386", body);
    }

    private static void Refused(string code, byte[] body) => Assert.Equal(code,
        Assert.Throws<AegisException>(() => FormOutline.Read(body, Boundary)).Error.Code);
}
