using System.Text;
using Aegis.Models.Calls;

namespace Aegis.Models.Protocols.Bodies;

/// <summary>Writes the form of a sound file as OpenAI's clients send it.</summary>
public static class SoundForm
{
    private const string Boundary = "aegis-form-7f1d2c";

    /// <summary>All that comes before the sound.</summary>
    /// <param name="language">Null leaves it to the model.</param>
    public static byte[] Head(string model, string fileName, string mediaType, string? language = null) =>
        Encoding.UTF8.GetBytes(Part("model", model) + (language is null ? "" : Part("language", language))
            + $"--{Boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{fileName}\"\r\n"
            + $"Content-Type: {mediaType}\r\n\r\n");

    /// <summary>What comes behind it.</summary>
    public static byte[] Tail() => Encoding.UTF8.GetBytes($"\r\n--{Boundary}--\r\n");

    /// <param name="form">Head, sound and tail.</param>
    public static ModelCall CallOf(byte[] form)
    {
        var outline = FormOutline.Read(form, Boundary);
        return new ModelCall(WireProtocol.OpenAi, AnswerKind.Transcription, form, outline.Model)
        {
            Form = outline,
            ContentType = $"multipart/form-data; boundary={Boundary}",
        };
    }

    private static string Part(string name, string value) =>
        $"--{Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n";
}
