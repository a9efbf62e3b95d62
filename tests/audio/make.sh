#!/bin/sh
# Makes the recordings of this folder anew (ffmpeg 5.1 and sox 14.4): silence for
# 0.1 s, then a sine that glides upward from 300 Hz by 1200 Hz a second.
set -e
cd "$(dirname "$0")"
glide='if(gte(t,0.1),0.5*sin(2*PI*(300*(t-0.1)+600*(t-0.1)^2)),0)'
g() { # rate duration_secs options... file
    rate=$1; secs=$2; shift 2
    ffmpeg -hide_banner -loglevel error -y -f lavfi -i "aevalsrc='$glide':s=$rate:d=$secs" \
        -metadata title='Glide' -metadata artist='Nobody' -bitexact "$@"
}
g 8000 0.3 -c:a pcm_u8 u8.wav
g 8000 0.3 -c:a pcm_s16le s16.wav
g 8000 0.3 -c:a pcm_s24le s24.wav
g 8000 0.3 -c:a pcm_s32le s32.wav
g 8000 0.3 -c:a pcm_f32le f32.wav
g 8000 0.3 -c:a pcm_f64le -map_metadata -1 f64.wav
g 8000 0.15 -filter_complex 'pan=5.1|FL=c0|FR=0.5*c0|FC=c0|LFE=0*c0|BL=c0|BR=c0' -c:a pcm_s16le six.wav
g 8000 0.3 -c:a pcm_s16le -f wav - > pipe.wav
g 8000 0.3 -c:a pcm_s16le -rf64 always rf64.wav
sox s16.wav -t wav - > sox_pipe.wav 2> /dev/null
g 8000 0.3 -c:a pcm_s16be s16.aiff
sox s32.wav -b 24 s24.aiff
g 8000 0.3 -c:a pcm_f32be f32.aifc 2> /dev/null || g 8000 0.3 -c:a pcm_f32be -f aiff f32.aifc
g 16000 0.4 -c:a flac mono.flac
g 44100 0.6 -c:a libmp3lame -b:a 64k lame.mp3
g 22050 0.6 -c:a libmp3lame -q:a 6 vbr.mp3
g 44100 0.6 -c:a libvorbis -q:a 0 vorbis.ogg
g 48000 0.6 -c:a libopus -b:a 32k opus.opus
g 48000 0.6 -c:a libopus -b:a 32k -ac 2 opus.webm
g 48000 0.6 -c:a libopus -b:a 32k -frame_duration 2.5 short.opus
g 48000 0.6 -c:a libopus -b:a 32k opus.mp4
g 44100 0.6 -c:a libvorbis -q:a 0 vorbis.webm
g 44100 0.6 -c:a aac -b:a 48k aac.m4a
g 44100 0.6 -c:a aac -b:a 48k -movflags frag_keyframe+empty_moov fragmented.m4a
g 44100 0.6 -c:a aac -b:a 48k aac.aac
g 44100 0.6 -c:a aac -b:a 48k aac.mka
g 44100 0.6 -c:a libmp3lame -b:a 64k mp3.mka
g 16000 0.6 -c:a alac alac.m4a
g 16000 0.6 -c:a alac alac.caf
g 8000 0.6 -c:a pcm_s16be pcm.caf
g 8000 0.3 -c:a pcm_s24be s24.mov
g 16000 0.3 -c:a alac alac.mov
g 8000 0.3 -c:a pcm_mulaw ulaw.mov
g 8000 0.3 -c:a pcm_mulaw ulaw.caf
# Three tracks, the first without a decoder here.
g 44100 0.3 -map 0 -map 0 -map 0 -c:a:0 ac3 -b:a:0 48k -c:a:1 libvorbis -q:a:1 0 -c:a:2 pcm_s16le -ar:a:2 8000 tracks.mka
# A second recording at another rate behind the first.
g 44100 0.3 -c:a libvorbis -q:a 0 one.ogg
g 22050 0.3 -c:a libvorbis -q:a 0 other.ogg
cat one.ogg one.ogg > chained.ogg
cat one.ogg other.ogg > changed.ogg
rm one.ogg other.ogg
# Ogg of many pages.
g 44100 1.5 -c:a libvorbis -q:a 0 -page_duration 200000 pages.ogg
g 48000 1.5 -c:a libopus -b:a 32k -page_duration 200000 pages.opus
# Streams to be joined.
g 44100 0.5 -ac 1 -b:a 48k -write_xing 0 -id3v2_version 0 mono.mp3
g 44100 0.5 -ac 2 -b:a 64k -write_xing 0 -id3v2_version 0 stereo.mp3
g 44100 0.5 -ac 1 -b:a 48k mono.aac
g 44100 0.5 -ac 2 -b:a 64k stereo.aac
# Surround sound, each channel at its own level.
six='pan=5.1|FL=c0|FR=0.5*c0|FC=0.75*c0|LFE=0*c0|BL=0.25*c0|BR=0.25*c0'
g 44100 0.5 -filter_complex "$six" -c:a aac -b:a 160k six.m4a
g 44100 0.5 -filter_complex "$six" -c:a aac -b:a 160k six.aac
g 48000 0.5 -filter_complex "$six" -c:a libopus -mapping_family 1 -b:a 128k six.opus
# Two tracks; the second is the default.
for file in default.mka default.m4a; do
    g 44100 0.4 -map 0 -map 0 -filter:a:0 volume=0.5 -c:a aac -b:a 48k \
        -disposition:a:0 0 -disposition:a:1 default $file
done
# Recorded live: nobody knew how long it would be.
g 48000 0.6 -c:a libopus -b:a 32k -f webm -live 1 - > live.webm
# AAC at half of a usual rate, as HE-AAC has it at its core.
g 22050 0.6 -c:a aac -b:a 32k core.m4a
# Sound that begins a quarter of a second after the picture.
ffmpeg -hide_banner -loglevel error -y -f lavfi -i color=size=16x16:rate=10:duration=0.8 \
    -itsoffset 0.25 -f lavfi -i "aevalsrc='$glide':s=22050:d=0.5" -bitexact \
    -c:v mjpeg -c:a aac -b:a 32k late.mkv
