window.YTD.note_tweet.part0 = [
  {
    "noteTweet" : {
      "noteTweetId" : "1763384429591801863",
      "updatedAt" : "2024-03-01T02:03:04.000Z",
      "lifecycle" : {
        "value" : "1",
        "name" : "Committed",
        "originalName" : "Committed",
        "annotations" : {}
      },
      "createdAt" : "2024-03-01T02:03:04.000Z",
      "core" : {
        "styletags" : [],
        "urls" : [
          {
            "expandedUrl" : "https://melati.example.org/catatan",
            "toIndex" : "345",
            "shortUrl" : "https://t.co/lllllllll1",
            "displayUrl" : "melati.example.org/catatan",
            "fromIndex" : "322"
          }
        ],
        "text" : "Panjang tapi perlu. Saya sudah tiga kali mendengar Bu Melati berbicara di balai desa, dan setiap kali jawabannya jelas, ada angkanya, ada tanggalnya. Saya sudah tiga kali mendengar Bu Melati berbicara di balai desa, dan setiap kali jawabannya jelas, ada angkanya, ada tanggalnya. Jadi pilihan saya nomor 2.\n\nSelengkapnya: https://t.co/lllllllll1",
        "mentions" : [],
        "cashtags" : [],
        "hashtags" : []
      }
    }
  },
  {
    "noteTweet" : {
      "noteTweetId" : "1763792883653425042",
      "updatedAt" : "2024-03-02T05:06:07.000Z",
      "lifecycle" : {
        "value" : "1",
        "name" : "Committed",
        "originalName" : "Committed",
        "annotations" : {}
      },
      "createdAt" : "2024-03-02T05:06:07.000Z",
      "core" : {
        "styletags" : [],
        "urls" : [],
        "text" : "Training diary, week nine. Slow laps on the old track, then hills behind the reservoir until the light went. Slow laps on the old track, then hills behind the reservoir until the light went. Slow laps on the old track, then hills behind the reservoir until the light went. Tomorrow I rest.",
        "mentions" : [],
        "cashtags" : [],
        "hashtags" : []
      }
    }
  },
  {
    "noteTweet" : {
      "noteTweetId" : "1764201337715048221",
      "updatedAt" : "2024-03-03T08:09:10.000Z",
      "lifecycle" : {
        "value" : "1",
        "name" : "Committed",
        "originalName" : "Committed",
        "annotations" : {}
      },
      "createdAt" : "2024-03-03T08:09:10.000Z",
      "core" : {
        "styletags" : [],
        "urls" : [],
        "text" : "Resep sayur lodeh untuk sepuluh orang. Santan dimasukkan terakhir, api kecil, jangan berhenti mengaduk supaya tidak pecah. Santan dimasukkan terakhir, api kecil, jangan berhenti mengaduk supaya tidak pecah. Santan dimasukkan terakhir, api kecil, jangan berhenti mengaduk supaya tidak pecah. Selamat mencoba.",
        "mentions" : [],
        "cashtags" : [],
        "hashtags" : []
      }
    }
  }
]